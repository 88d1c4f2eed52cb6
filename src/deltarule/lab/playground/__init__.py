"""The Playground: a page that trains small networks of two inputs in the browser, without Python."""
