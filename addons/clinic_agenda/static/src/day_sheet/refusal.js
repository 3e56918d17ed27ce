import {RPCError} from "@web/core/network/rpc";

/** Refusals that are written for the person at the desk. */
const FOR_PEOPLE =
    /^odoo\.exceptions\.(UserError|ValidationError|AccessError)$|\.SlotTaken$/;

/**
 * @param {Error} error
 * @returns {string | undefined} what the server said to the user, if it refused;
 *  nothing when something is broken
 */
export function refusal(error) {
    if (error instanceof RPCError && FOR_PEOPLE.test(error.exceptionName || "")) {
        return error.data.message;
    }
}
