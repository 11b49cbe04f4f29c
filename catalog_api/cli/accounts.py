"""`wenlan account`: people who may log in."""

from __future__ import annotations

from typing import Annotated

import typer

from catalog_api.cli import show

accounts = typer.Typer(help="帐户 · accounts", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(accounts, name="account")


@accounts.command()
def add(
    name: Annotated[str, typer.Argument(help="用户名 · user name")],
    role: Annotated[list[str], typer.Option(help="admin | librarian | ill_officer，可重复 · repeatable")],
    member: Annotated[str, typer.Option(help="成员代码 · code of the member")] = "",
) -> None:
    """新建帐户，密码在终端输入。 Make an account; its password is asked for on the terminal."""
    from catalog_api.auth.accounts import create_account
    from catalog_api.auth.roles import Role
    from catalog_api.cli.opening import open_context
    from schemas.errors import WenlanError

    known = [r.value for r in Role if r is not Role.READER]
    if not set(role) <= set(known):
        raise WenlanError(
            "account-role", "角色只能是 {known}。", "The role must be one of {known}.", known=", ".join(known)
        )
    password = typer.prompt("密码 password", hide_input=True, confirmation_prompt=True)
    with open_context() as context, context.database.connect() as connection:
        create_account(connection, name, password, roles=[Role(r) for r in role], member=member)
    show.say(f"已建立 {name}。", f"{name} can sign in now.")


@accounts.command()
def password(name: Annotated[str, typer.Argument(help="用户名 · user name")]) -> None:
    """换密码，其已登录的会话随即结束。 Set a new password; the sessions of the account end."""
    from catalog_api.auth.accounts import set_password
    from catalog_api.cli.opening import open_context

    new = typer.prompt("新密码 new password", hide_input=True, confirmation_prompt=True)
    with open_context() as context, context.database.connect() as connection:
        set_password(connection, name, new)
    show.say("已更换。", "done.")
