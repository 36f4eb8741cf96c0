"""The registry: agencies, the rounds in which they are assessed, appointments and assignments."""
