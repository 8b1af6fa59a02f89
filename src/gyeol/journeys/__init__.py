"""In what order: journeys, enrolments, campaigns. For now a journey is one trigger and one message step."""
