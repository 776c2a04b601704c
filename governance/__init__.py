"""What an organisation demands of its AI: policies, violations, approvals, budgets."""
