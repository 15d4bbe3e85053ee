"""Where files lie: on this machine, behind a URL, on an SFTP server, in an S3 bucket."""
