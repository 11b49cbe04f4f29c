"""The pages people see: routes, templates and what they are made of."""
