#!/bin/sh
# Run once by the postgres image on an empty volume: one database and one owner for rdchem, one for Airflow.
set -eu
psql -v ON_ERROR_STOP=1 -U postgres \
    -v rdchem_password="${RDCHEM_DB_PASSWORD:?}" -v airflow_password="${AIRFLOW_DB_PASSWORD:?}" <<'SQL'
CREATE ROLE rdchem LOGIN PASSWORD :'rdchem_password';
CREATE DATABASE rdchem OWNER rdchem;
REVOKE CONNECT ON DATABASE rdchem FROM PUBLIC;
CREATE ROLE airflow LOGIN PASSWORD :'airflow_password';
CREATE DATABASE airflow OWNER airflow;
REVOKE CONNECT ON DATABASE airflow FROM PUBLIC;
SQL
