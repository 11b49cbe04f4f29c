-- name: met_by_file
select name, raw_ids from harvest_met where window_id = %(window)s;

-- name: counts
select name, read, new, changed, unchanged, deleted, repeated, quarantined, withdrawn
from harvest_file where window_id = %(window)s order by name;

-- name: note_quarantined
update harvest_file set quarantined = %(count)s where window_id = %(window)s and name = %(name)s;
