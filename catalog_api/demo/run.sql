-- name: clusters
select count(*), coalesce(avg((cardinality(members) > 1)::int), 0)::float8 from cluster where status = 'live'

-- name: readers
select id from reader order by id

-- name: reader_of_home
select distinct on (home) home, id from reader where category in ('adult', 'student', 'faculty') order by home, id

-- name: widely_held
select id, members from cluster where status = 'live' and cardinality(members) between 3 and 6 order by cardinality(members) desc, id limit 200
