"""Forms of the register. They ask and convert; the services validate."""
