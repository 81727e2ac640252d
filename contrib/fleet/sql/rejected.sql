-- Files that are in no sum, and why.
SELECT kind, file, reason FROM file_rows WHERE reason IS NOT NULL ORDER BY kind, file, reason
