"""The demo's script: opening, questions with meanings, thanks, and who pays for the call."""

from typing import Any

DEMO_SCRIPT: dict[str, Any] = {
    "blocks": [
        {
            "id": "opening",
            "kind": "text",
            "text": (
                "Hello, may I speak with {voter.first_name}? (Say your name.) I am a volunteer with"
                " {candidate}'s campaign, calling neighbours in {voter.city|your town} tonight."
            ),
        },
        {
            "id": "support",
            "kind": "scale",
            "meaning": "support",
            "text": "If the election were today, would you vote for {candidate}?",
            "options": [
                {"value": "1", "label": "Surely {candidate}"},
                {"value": "2", "label": "Leaning {candidate}"},
                {"value": "3", "label": "Undecided"},
                {"value": "4", "label": "Leaning other"},
                {"value": "5", "label": "Surely other"},
                {"value": "0", "label": "Would not say"},
            ],
        },
        {
            "id": "issue",
            "kind": "choice",
            "text": "Which of these matters most to you this year?",
            "options": [
                {"value": "schools", "label": "Schools"},
                {"value": "health", "label": "Health care"},
                {"value": "work", "label": "Work and wages"},
                {"value": "roads", "label": "Roads and transit"},
                {"value": "other", "label": "Something else"},
            ],
        },
        {
            "id": "volunteer",
            "kind": "yes_no",
            "meaning": "volunteer",
            "text": "We win by neighbours talking to neighbours. Will you volunteer with us?",
        },
    ],
    "thanks": "Thank you for your time, {voter.first_name}, and have a good evening!",
    "coaching": "Be brief, smile, and thank the voter. Every call is a good call.",
    "paid_for_by": "Calling for Marlowe for Pennsylvania. Paid for by Friends of Ida Marlowe.",
    "candidate_site": "https://marlowe.example.org",
}
