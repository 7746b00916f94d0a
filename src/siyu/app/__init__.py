"""Settings, wiring, pipeline and command line: the only room that knows the others."""
