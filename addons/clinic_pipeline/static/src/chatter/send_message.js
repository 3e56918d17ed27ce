import {PATIENT_OF} from "@clinic_message/chatter/send_message";

/** *Send message* on a deal is a message to its patient. */
PATIENT_OF["crm.lead"] = (record) => record.data.patient_id?.id;
