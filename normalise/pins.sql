-- name: known
select count(*) from record where id in (%(a)s, %(b)s)

-- name: retire
update pin set revoked_at = now(), revoked_by = %(who)s where a = %(a)s and b = %(b)s and revoked_at is null

-- name: add
insert into pin (a, b, verdict, who, why) values (%(a)s, %(b)s, %(verdict)s, %(who)s, %(why)s) returning id

-- name: due
update record set match_due = true where id in (%(a)s, %(b)s)

-- name: list
select id, a, b, verdict, who, why, at from pin
where revoked_at is null and (a = any(%(ids)s) or b = any(%(ids)s)) order by id
