"""The demonstration federation: ten invented libraries, real publications, and the errors such data has."""
