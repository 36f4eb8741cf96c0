"""The registry: which agencies exist, which rounds they are assessed in, who acts for whom."""
