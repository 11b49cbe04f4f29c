"""The routes of the pages, one file a room; `pages` holds them all behind the check of every form."""

from fastapi import APIRouter, Depends

from catalog_api.web.routes import account, card, home, record, requests, search, worklist
from catalog_api.web.visit import guard_forms

pages = APIRouter(dependencies=[Depends(guard_forms)], include_in_schema=False)
for room in (home, search, record, requests, worklist, card, account):
    pages.include_router(room.router)

__all__ = ["pages"]
