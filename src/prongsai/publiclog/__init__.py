"""The public log: every act that binds the public, in an append-only tree that anybody can check and mirror."""
