-- name: begun
select exists (select from command_key where key like 'demo:%')

-- name: readers
select home, array_agg(id order by id) from reader group by home

-- name: held
-- books a library has and another has not; in an order of their own for each request, so that not all are of one shelf
select id from cluster
where status = 'live' and visibility = 'public' and merged is not null and cardinality(members) between %(least)s and 7
  and %(supplier)s = any(members) and not %(requester)s = any(members)
  and coalesce(merged->'bib'->>'level', 'monograph') = 'monograph' and merged->'bib'->>'guji' is null
order by md5(%(key)s || id::text) limit 60
