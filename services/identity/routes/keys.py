"""The public keys that callers' tokens are verified with."""

from typing import Any

from fastapi import APIRouter, Response
from starlette.requests import Request

from libs.chassis.tokens import Tokens

router = APIRouter(prefix="/identity", tags=["keys"])

KEPT_SECONDS = 300


@router.get("/.well-known/jwks.json")
async def read_keys(request: Request, response: Response) -> dict[str, Any]:
    """A JWK set (RFC 7517)."""
    tokens: Tokens = request.app.state.tokens
    response.headers["cache-control"] = f"public, max-age={KEPT_SECONDS}"
    return tokens.jwks()
