"""The pages of channels: of senders, of readers, of those who answer."""
