"""Which kelurahan or kecamatan a record means, by its code in some system, by its name, or by both."""
