"""What every room of the house shares: values, protocols, actor, clock, ids and configuration. No Django."""
