"""What people will want: who buys soon, who is lost, what they buy next, and what they will be worth; with reasons."""
