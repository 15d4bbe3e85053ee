"""What stands around a name in Indonesian records and is no part of it: titles, degrees, "the late".

Degrees follow Permendikbud 154/2014 and the older lists that civil service records still use. Titles of
nobility (Raden, Gusti, Utin, Syarif, Andi) are part of the registered name and stay.
"""


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Before a name.
BEFORE = _listed(
    "H HJ HAJI HAJAH HAJJAH KH PROF DR DRS DRA DRG DRH IR UST USTAD USTADZ USTADZAH TGH "
    "TN NY NN SDR SDRI BPK BAPAK ALM ALMH ALMARHUM ALMARHUMAH"
)

#: After a name, so short or so rarely anything else that they need neither comma nor dots.
AFTER_PLAIN = _listed(
    "SE SH ST SPD SPDI SAG SKM SST SSTP SIP SKOM SSOS SKEP SFARM SPSI SHUT SPI SPT SSI SHI SKED SSN "
    "MM MH MT MPD MPDI MSI MAG MKES MKOM MHUM MAP MIP MSC MKN MPSI AMD AMK AMKEP AMKEB PHD LLM "
    "ALM ALMH ALMARHUM ALMARHUMAH HJ APT NERS"
)

#: After a name, where a comma or dots tell them from a short name.
AFTER = AFTER_PLAIN | _listed(
    "MA BA BSC MBA MSE MMA SS SP SI SKH STR STRKEB SAP SAK AK H CA CPA SPB SPA SPOG SPPD "
    "SPDSD AMDKEP AMDKEB AMDAK AMDKOM AMDGZ AMDRAD AMDFARM STRKEP"
)
