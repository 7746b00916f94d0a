"""Writers: who makes the pieces. One port, one table."""
