-- name: due
select id, record_ids from cluster where merge_due > 0 and id > %(after)s order by id limit %(limit)s

-- name: count_due
select count(*) from cluster where merge_due > 0

-- name: sources
select id, member, source, local_id, bib::text, visibility = 'public' from record where id = any(%(ids)s) and bib is not null

-- name: stage
create temp table if not exists match_merged (id bigint, merged json, public_members text[]) on commit delete rows

-- name: store
-- a change of a description moves seq and datestamp; what a rebuild finds unchanged keeps them
update cluster c set
    merged = n.merged, public_members = n.public_members, merge_due = 0,
    seq = case when c.merge_due = 2 or c.merged is null or c.merged::text <> n.merged::text or c.public_members <> n.public_members then nextval('cluster_seq') else c.seq end,
    datestamp = case when c.merge_due = 2 or c.merged is null or c.merged::text <> n.merged::text or c.public_members <> n.public_members then now() else c.datestamp end
from match_merged n where c.id = n.id and c.merge_due > 0
