-- A look-up that was refused is on the record as well: why it was, never what was typed.
alter table card_lookup add column refused text not null default '';  -- code of the error; '' where it was answered
