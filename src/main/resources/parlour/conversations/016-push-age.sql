-- To delete the subscriptions that are older than a session can be. Since this version, push_subscription.service is the host
-- itself once a host of an entry such as *.example.com has accepted a push.

CREATE INDEX push_subscription_by_age ON push_subscription (created_at);
