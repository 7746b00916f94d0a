"""What a campaign earned, and how: experiment figures and one self-contained HTML report with a JSON twin."""
