"""SMS gateways of China: a text is sent by the name under which it was approved, with a
signature (the clinic's name in brackets) that was approved as well."""

#: Alibaba Cloud, API of 2017-05-25. Variables of an approved text are called p1, p2, …
#: in the order in which the names in braces stand in ours.
ALIYUN = {
    "about": "Follows the maker's public description; never tried on the service. "
    "Sender is the approved signature; each text needs its approved code (SMS_…), with "
    "variables named p1, p2, … in the order of the names in braces. Enter the address "
    "for reports in the console: reports and answers are not signed, the address alone "
    "protects them.",
    "method": "POST",
    "url": "{base_url}/",
    "body": "none",
    "sign": "aliyun",
    "approved_only": True,
    "query": {
        "Action": "SendSms",
        "Version": "2017-05-25",
        "PhoneNumbers": "{to}",
        "SignName": "{sender}",
        "TemplateCode": "{template}",
        "TemplateParam": "{parameter_map}",
        "OutId": "{uuid}",
    },
    "number": "digits",
    "answer": {"uid": "BizId", "error": "Code"},
    "permanent": ["isv.MOBILE_NUMBER_ILLEGAL", "isv.MOBILE_COUNT_OVER_LIMIT"],
    "temporary": [
        "isv.BUSINESS_LIMIT_CONTROL",
        "isv.DAY_LIMIT_CONTROL",
        "isv.AMOUNT_NOT_ENOUGH",
        "isv.OUT_OF_SERVICE",
        "isv.SMS_SIGNATURE_ILLEGAL",
        "isv.SMS_TEMPLATE_ILLEGAL",
        "isp.SYSTEM_ERROR",
        "SignatureDoesNotMatch",
        "InvalidAccessKeyId.NotFound",
        "Throttling.User",
    ],
    "receipt": {
        "when": {"biz_id": "*"},
        "uid": "biz_id",
        "uuid": "out_id",
        "status": "success",
        "error": "err_code",
    },
    "inbound": {
        "when": {"content": "*"},
        "uid": "sequence_id",
        "from": "phone_number",
        "text": "content",
        "country": "86",
    },
    "states": {
        "True": "delivered",
        "true": "delivered",
        "False": "failed",
        "false": "failed",
    },
    "reply": '{"code": 0, "msg": "OK"}',
}

#: Huawei Cloud, Message & SMS.
HUAWEI = {
    "about": "Follows the maker's public description and samples; never tried on the "
    "service. Sender is the approved signature; write the number of your channel into "
    'the settings: {"values": {"channel": "8823…"}}. Reports are not signed: the '
    "address alone protects them.",
    "url": "{base_url}/sms/batchSendSms/v1",
    "body": "form",
    "sign": "wsse",
    "approved_only": True,
    "fields": {
        "from": "{channel}",
        "to": "{to}",
        "templateId": "{template}",
        "templateParas": "{parameters}",
        "signature": "{sender}",
        "statusCallback": "{callback}",
        "extend": "{uuid}",
    },
    "values": {"channel": ""},
    "number": "plus",
    "answer": {"uid": "result.0.smsMsgId", "error": "code", "good": ["000000"]},
    "receipt": {
        "when": {"smsMsgId": "*"},
        "uid": "smsMsgId",
        "uuid": "extend",
        "status": "status",
        "error": "status",
    },
    "states": {
        "DELIVRD": "delivered",
        "ACCEPTD": "sent",
        "EXPIRED": "expired",
        **dict.fromkeys(
            ("DELETED", "UNDELIV", "UNKNOWN", "REJECTD", "RTE_ERR"), "failed"
        ),
    },
}
