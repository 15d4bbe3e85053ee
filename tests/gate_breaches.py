"""SQL that breaks the own rules of published tables on the table `t`, by table and rule."""

FIRST = "WHERE ctid = (SELECT min(ctid) FROM t)"


def _more(column: str) -> str:
    return f"UPDATE t SET {column} = {column} + 1"


_GONE = f"DELETE FROM t {FIRST}"
_PLAN = {"the plan is e-planning's": _more("indicative_pagu_amount")}
_CEILINGS = {"ceilings are e-planning's": _more("ceiling_amount")}
_BUDGETS = {
    "the original budget is SIPD's": _more("initial_pagu_amount"),
    "the budget is SIPD's": _more("pagu_amount"),
}
_PAYMENTS = {"payments are SIMDA's": _more("disbursed_amount")}

#: Planning, budgeting and performance.
PLANNING = {
    "plan_line": {
        **_PLAN,
        "the tree above an outcome is whole": "UPDATE t SET has_outcome = NOT has_outcome",
    },
    "plan_to_budget_gap": {
        **_PLAN,
        **_CEILINGS,
        **_BUDGETS,
        "the gap follows from the sides": "UPDATE t SET is_budgeted = NOT is_budgeted",
    },
    "plan_to_result": {
        **_PLAN,
        **_CEILINGS,
        **_BUDGETS,
        **_PAYMENTS,
        "achievements have an outcome": "UPDATE t SET is_achieved = true, realisation_text = NULL",
    },
    "budget_line": {
        "the original budget is SIPD's": _more("budget_amount"),
        "the budget is SIPD's": _more("budget_amount"),
        "every line in both versions": _GONE,
    },
    "budget_change": {**_BUDGETS, "the change follows from the amounts": _more("budget_change_amount")},
    "city_comparison": {
        "ranks within the cities": "UPDATE t SET rank_number = city_count + 1",
        "our total is the source's": _more("budget_amount"),
    },
    "cost_per_outcome": {
        "the budget is SIPD's": _more("pagu_amount"),
        **_PAYMENTS,
        "counts of indicators fit": "UPDATE t SET achieved_count = measured_count + 1",
    },
    "indicator_achievement": {
        "every report is listed": _GONE,
        "what is reported can be read": "UPDATE t SET realisation_text = NULL",
        "one latest period a year": "UPDATE t SET is_latest = false",
    },
}
#: Licensing, letters and the archive.
LICENSING = {
    "permit": {
        **{
            f"all of {system}": f"DELETE FROM t WHERE system_code = '{system}'"
            for system in ("perizinan", "oss", "siup")
        },
        "persons are not named": "UPDATE t SET business_name = 'A' WHERE holder_kind_code = 'person'",
    },
    "permit_process": {
        "all steps": _GONE,
        "lateness follows from the standard": "UPDATE t SET is_late = NOT is_late",
    },
    "permit_verification": {
        "initials of who is no company": "UPDATE t SET holder_shown = 'BUDI'",
        "no NIK in a number": f"UPDATE t SET permit_number = repeat('1', 16) {FIRST}",
    },
    "declared_vs_registered": {
        "severity follows from the outcome": "UPDATE t SET severity_code = NULL",
        "every sanction has a legal basis": "UPDATE t SET legal_basis_name = NULL",
        "fines within the limit": "UPDATE t SET fine_pct = 501",
        "where people live is withheld": "UPDATE t SET declared_text = 'A' WHERE fact_code = 'domicile'",
    },
    "official_letter": {"all letters": _GONE},
    "archive_document": {"all documents": _GONE},
}
