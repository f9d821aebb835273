"""How the page's own tables came to be."""
