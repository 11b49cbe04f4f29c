"""Every shape that crosses a boundary or rests on disk, and the database they rest in."""
