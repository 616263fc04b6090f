-- The progress of each campaign that something happened to in the last minute. Meta charges for what is delivered; a read message was.
select m.campaign,
       count(*)                                      as messages,
       sum(s.queued)                                 as queued,
       sum(s.sent)                                   as sent,
       sum(s.delivered)                              as delivered,
       sum(s.has_read)                               as "read",
       sum(s.failed)                                 as failed,
       sum(s.refused)                                as refused,
       coalesce(sum(case when s.delivered = 1 then
           (select r.price from campaign_rate r
             where s.category = r.category and m.phone like r.country_code || '%'
             order by length(r.country_code) desc fetch first 1 row only) end), 0) as cost,
       count(case when s.delivered = 1 and s.category is not null and not exists
           (select 1 from campaign_rate r where s.category = r.category and m.phone like r.country_code || '%') then 1 end) as without_rate
  from campaign_message m
  join (select e.id,
               max(case when e.state = 'queued' then 1 else 0 end)               as queued,
               -- statuses may be left out: what is read was delivered and sent
               max(case when e.state in ('sent', 'delivered', 'read') then 1 else 0 end) as sent,
               max(case when e.state in ('delivered', 'read') then 1 else 0 end) as delivered,
               max(case when e.state = 'read' then 1 else 0 end)                 as has_read,
               max(case when e.state = 'failed' then 1 else 0 end)               as failed,
               max(case when e.state = 'refused' then 1 else 0 end)              as refused,
               max(case when e.pricing = 'regular' then e.category end)          as category,
               max(e.happened)                                                   as happened
          from campaign_event e
         group by e.id) s on s.id = m.id
 group by m.campaign
having max(s.happened) > current_timestamp - interval '1' minute
