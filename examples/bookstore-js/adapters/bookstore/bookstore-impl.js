/*
 * A bookstore whose readers subscribe by text and hear of discount offers: adapters/bookstore/ in JavaScript, in the
 * layout and the language of a Worklight project.
 *
 * Text "sub" to subscribe and "unsub" to end it (the words are in worklight.properties). Every ten seconds the catalogue
 * is looked at, and each reader is told once of each offer in it.
 */

var SUBSCRIBE = WL.Server.configuration["sms.keyword.subscribe"] || "sub";
var UNSUBSCRIBE = WL.Server.configuration["sms.keyword.unsubscribe"] || "unsub";
var GATEWAY = WL.Server.configuration["sms.gateway.id"] || "*";
var READERS = "bookstore.offers";

var CATALOGUE = [
    { title: "Moby-Dick", price: 12.00, discount: 25 },
    { title: "Walden", price: 9.50, discount: 0 },
    { title: "Middlemarch", price: 14.00, discount: 10 }
];

WL.Server.createEventSource({
    name: "offers",
    poll: { interval: 10, onPoll: "announce" }
});

WL.Server.setEventHandlers([
    WL.Server.createSMSEventHandler({ keyword: SUBSCRIBE }, subscribe, GATEWAY),
    WL.Server.createSMSEventHandler({ keyword: UNSUBSCRIBE }, unsubscribe, GATEWAY)
]);

// Subscribes the phone that sent the text, through the gateway it came from.
function subscribe(param) {
    if (WL.Server.getSMSSubscription(READERS, param.from) != null) {
        sendSMS(param.from, "You are subscribed to our offers already.");
        return;
    }
    WL.Server.subscribeSMS(READERS, param.from, param.gateway);
    sendSMS(param.from, "Welcome to the bookstore! You will hear of our offers. Text " + UNSUBSCRIBE + " to stop.");
}

// Ends the subscription of the phone that sent the text, with a last word.
function unsubscribe(param) {
    sendSMS(param.from, "You will hear no more of our offers. Goodbye!");
    WL.Server.unsubscribeSMS(READERS, param.from);
}

// Texts a reader; callable from outside, and harmless for phones that are not subscribed.
function sendSMS(phoneNumber, text) {
    var subscription = WL.Server.getSMSSubscription(READERS, phoneNumber);
    if (subscription == null) {
        return { result: "No subscription for " + phoneNumber };
    }
    WL.Server.notifyDeviceSubscription(subscription, WL.Server.createDefaultNotification(text));
    return { result: "Notification queued for " + phoneNumber };
}

// Tells every reader of every offer in the catalogue; the offer's name sees to it that each hears of it once.
function announce() {
    for (var i = 0; i < CATALOGUE.length; i++) {
        var book = CATALOGUE[i];
        if (book.discount > 0) {
            var notification = WL.Server.createDefaultNotification(offerOf(book));
            WL.Server.notifyEventSource(READERS, notification, book.title + "-" + book.discount);
        }
    }
}

function offerOf(book) {
    var reduced = book.price * (100 - book.discount) / 100;
    return "Offer: " + book.title + " for " + reduced.toFixed(2) + " instead of " + book.price.toFixed(2) + ", "
        + book.discount + "% off.";
}
