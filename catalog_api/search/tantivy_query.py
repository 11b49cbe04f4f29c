"""From conditions to tantivy's queries. What is found and how it is ranked are kept apart: the first is the same in every engine."""

from __future__ import annotations

import tantivy

from catalog_api.search.conditions import All, Condition, Conditions, Either, Years
from catalog_api.search.conditions import Any as AnyKey

Q = tantivy.Query
MUST, SHOULD, NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot
_BOOSTS = {"title": 4.0, "author": 2.5, "subject": 1.5, "series": 1.0, "publisher": 0.7, "text": 0.5}
_EXACT_TITLE = 1000.0  # above what any number of matching words can bring
_KEY = 20.0  # a match of pinyin or of a number


class Builder:
    """Makes queries for one schema."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema

    def term(self, field: str, value: str) -> tantivy.Query:
        return Q.term_query(self._schema, field, value)

    def prefix(self, field: str, escaped: str) -> tantivy.Query:
        return Q.regex_query(self._schema, field, escaped + ".*")

    def public(self) -> tantivy.Query:
        return self.term("public", "yes")

    def every(self, queries: list[tantivy.Query]) -> tantivy.Query:
        return queries[0] if len(queries) == 1 else Q.boolean_query([(MUST, q) for q in queries])

    def either(self, queries: list[tantivy.Query]) -> tantivy.Query:
        if not queries:
            return Q.empty_query()
        return queries[0] if len(queries) == 1 else Q.boolean_query([(SHOULD, q) for q in queries])

    def condition(self, condition: Condition) -> tantivy.Query:
        match condition:
            case All(field, tokens):
                return self.every([self.term(field, token) for token in tokens])
            case AnyKey(field, keys) if len(keys) == 1:
                return self.term(field, keys[0])
            case AnyKey(field, keys):
                return Q.term_set_query(self._schema, field, list(keys))
            case Years(first, last):
                return Q.range_query(self._schema, "year", tantivy.FieldType.Integer, first, last)

    def one_of(self, either: Either) -> tantivy.Query:
        return self.either([self.condition(c) for c in either])

    def base(self, wanted: Conditions, *, staff: bool) -> tantivy.Query:
        """What the query asks for, without filters."""
        required = [self.one_of(e) for e in wanted.needs]
        if wanted.instead and required:
            required = [self.either([self.every(required), self.one_of(wanted.instead)])]
        clauses = [(MUST, q) for q in required or [Q.all_query()]]
        if not staff:
            clauses.append((MUST, self.public()))
        clauses += [(NOT, self.condition(c)) for c in wanted.never]
        return Q.boolean_query(clauses) if len(clauses) > 1 else clauses[0][1]

    def ranked(self, truth: tantivy.Query, wanted: Conditions) -> tantivy.Query:
        """Exactly what `truth` finds, with scores: an exact title, words in the title, the author, the rest."""
        clauses = [(MUST, Q.const_score_query(truth, 1.0))]
        for each in wanted.tokens:
            fields = _BOOSTS if each.field == "text" else {each.field: _BOOSTS[each.field]}
            clauses += [
                (SHOULD, Q.boost_query(self.condition(All(field, each.tokens)), boost))
                for field, boost in fields.items()
            ]
        for condition in (c for either in (*wanted.needs, wanted.instead) for c in either):
            if isinstance(condition, AnyKey):
                clauses.append((SHOULD, Q.const_score_query(self.condition(condition), _KEY)))
            elif isinstance(condition, All) and condition not in wanted.tokens:
                clauses.append((SHOULD, self.condition(condition)))
        if wanted.title:
            clauses.append((SHOULD, Q.const_score_query(self.term("title_key", wanted.title), _EXACT_TITLE)))
        return Q.boolean_query(clauses)
