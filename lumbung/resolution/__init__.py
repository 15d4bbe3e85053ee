"""Entity resolution: which records speak of the same person, household, place, organisation, business."""
