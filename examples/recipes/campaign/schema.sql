-- H2 in its PostgreSQL mode, or PostgreSQL (psql -d whatsapp -f examples/recipes/campaign/schema.sql). Can run again.
create table if not exists campaign_message (
    id       varchar(200) primary key,       -- the campaign's name, and the number of the line
    campaign varchar(150) not null,
    phone    varchar(40)  not null           -- digits, with the country code
);
create index if not exists campaign_message_campaign on campaign_message (campaign);

-- What happened to a message, each state once: queued, sent, delivered, read, failed, or refused (before Meta was asked).
create table if not exists campaign_event (
    id       varchar(200) not null,
    state    varchar(20)  not null,
    happened timestamp    not null default current_timestamp,
    category varchar(40),                    -- Meta's pricing: marketing, utility, ...
    pricing  varchar(40),                    -- regular is charged; free_customer_service and free_entry_point are not
    error    varchar(300),
    primary key (id, state)
);

-- Prices a message by country code and category, in one currency. These are examples: take yours from Meta's rate card, which changes.
create table if not exists campaign_rate (
    country_code varchar(8)     not null,
    category     varchar(40)    not null,
    price        numeric(10, 6) not null,
    primary key (country_code, category)
);
insert into campaign_rate (country_code, category, price) values
    ('1', 'marketing', 0.0250), ('1', 'utility', 0.0034),
    ('34', 'marketing', 0.0615), ('34', 'utility', 0.0200),
    ('49', 'marketing', 0.1365), ('49', 'utility', 0.0550)
on conflict do nothing;
