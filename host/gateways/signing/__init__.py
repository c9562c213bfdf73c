"""How hosted services sign their requests, one module for each; dialects say with which secret."""
