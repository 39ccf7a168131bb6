"""All SQL: tables, and the functions that put rows in and take them out.

A function takes a connection and never commits; the job that calls it owns the transaction. Instants are
stored as microseconds since 1970 (UTC), so SQLite and PostgreSQL hold and order the same values.
"""
