"""SMS gateways of Turkey. News and offers pass the filter of the national consent
registry (İYS): who did not agree there is not written to, whatever stands here."""

#: Follows the maker's handbook on GitHub (verimor/SMS-API); the filter of the registry
#: follows what the maker's own code libraries send.
VERIMOR = {
    "about": "Follows the maker's public handbook; never tried on the service. Enter "
    "your server's and the reports' address in Verimor's settings.",
    "url": "{base_url}/v2/send.json",
    "fields": {
        "username": "{user}",
        "password": "{key}",
        "source_addr": "{sender}",
        "custom_id": "{uuid}",
        "messages": [{"msg": "{text}", "dest": "{to}", "id": "{uuid}"}],
    },
    "by_purpose": {
        "marketing": {"is_commercial": True, "iys_recipient_type": "BIREYSEL"}
    },
    "number": "digits",
    # A campaign's number alone, or words.
    "answer": {"pattern": r"^\s*(?P<uid>\d+)\s*$|^(?P<error>\S.{0,60})"},
    "permanent": ["INVALID_DESTINATION_ADDRESS", "FORBIDDEN_MESSAGE"],
    "temporary": ["INSUFFICIENT_CREDITS"],
    "receipt": {
        "when": {"type": "outbound"},
        "uid": "campaign_id",
        "uuid": "campaign_custom_id",
        "status": "status",
        "error": "gsm_error",
    },
    "inbound": {
        "when": {"type": "inbound"},
        "uid": "message_id",
        "from": "source_addr",
        "text": "content",
    },
    "states": {
        "SENDING": "accepted",
        "WAITING": "sent",
        "SENT": "sent",
        "DELIVERED": "delivered",
        "EXPIRED": "expired",
        **dict.fromkeys(
            (
                "NOT_DELIVERED",
                "INVALID_DESTINATION_ADDRESS",
                "REJECTED",
                "DOUBLE_SEND_ERROR",
                "BLACKLISTED_DESTINATION_ADDRESS",
                "MISSING_TARIFF",
                "ROUTE_NOT_AVAILABLE",
                "NETWORK_NOTCOVERED",
                "SEND_ERROR",
                "INTERNATIONAL_DENIED",
            ),
            "failed",
        ),
    },
    "poll": {
        "url": "{base_url}/v2/status",
        "query": {"id": "{uid}", "username": "{user}", "password": "{key}"},
        "uid": "campaign_id",
        "uuid": "campaign_custom_id",
        "status": "status",
        "error": "gsm_error",
    },
}

#: Follows the REST v2 that open libraries for it use.
NETGSM = {
    "about": "Follows public client libraries for its REST v2; never tried on the "
    "service. It is asked for deliveries; whether it can report them by itself was not "
    "found out.",
    "url": "{base_url}/sms/rest/v2/send",
    "headers": {"Authorization": "Basic {basic}"},
    "fields": {
        "msgheader": "{sender}",
        "encoding": "TR",
        "iysfilter": "0",
        "messages": [{"msg": "{text}", "no": "{to}"}],
    },
    "by_purpose": {"marketing": {"iysfilter": "11"}},
    "number": "digits",
    "answer": {"uid": "jobid", "error": "code", "good": ["00"]},
    "permanent": ["20"],
    "temporary": ["30", "40", "50", "51", "70", "80", "85", "100", "101"],
    "states": {
        "0": "accepted",
        "1": "delivered",
        "2": "expired",
        **dict.fromkeys(("3", "4", "11", "12", "13", "14", "15", "16", "17"), "failed"),
    },
    "poll": {
        "method": "POST",
        "body": "json",
        "url": "{base_url}/sms/rest/v2/report",
        "headers": {"Authorization": "Basic {basic}"},
        "fields": {"jobids": ["{uid}"]},
        "list": "jobs",
        "uid": "jobid",
        "status": "status",
        "error": "errorCode",
    },
}

#: Follows what open libraries send to its JSON service.
JETSMS = {
    "about": "Follows public client libraries; never tried on the service. How it "
    "reports deliveries was not found out: messages stay «accepted». The values of its "
    "filter of the registry (iysfilter) come from such a library too: ask JetSMS.",
    "url": "{base_url}/api/sendsms",
    "fields": {
        "user": "{user}",
        "password": "{key}",
        "originator": "{sender}",
        "reference": "{uuid}",
        "iysfilter": 0,
        "smsmessages": [
            {"messagetext": "{text}", "receipent": "{to}", "messageid": "1"}
        ],
    },
    "by_purpose": {"marketing": {"iysfilter": 1, "recipienttype": "BIREYSEL"}},
    "number": "digits",
    "answer": {
        "uid": "responseGroupIdArray.0.messageid",
        "error": "responseCode",
        "good": ["00"],
    },
}
