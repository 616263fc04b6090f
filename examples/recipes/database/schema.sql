-- PostgreSQL. Made once: psql -d whatsapp -f examples/recipes/database/schema.sql
create table if not exists whatsapp_update (
    id              text primary key,        -- the same for every redelivery of one update
    kind            text not null,           -- message, status, error or change
    type            text,                    -- text, image, ...; sent, delivered, ...; the field of a change
    phone_number_id text,
    conversation    text,
    whatsapp_user   text,
    message_id      text,
    happened        timestamptz,             -- as Meta says
    stored          timestamptz not null default now(),
    payload         jsonb not null           -- a webhook of Meta's with this update and no other
);
create index if not exists whatsapp_update_conversation on whatsapp_update (conversation, happened);
