"""Background work: jobs in the database, each done under a lease, by any number of workers, once."""
