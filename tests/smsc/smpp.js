// An SMSC that speaks SMPP 3.4, by npm's smpp: lines of JSON out on what happens, lines of JSON in on what to do.
// Arguments: the port on 127.0.0.1, the account, its password, and the endings of numbers not reached, refused, and
// reached once it is said.
'use strict';
const readline = require('readline');
const smpp = require('smpp');

const [port, user, password, unreached, refused, late] = process.argv.slice(2);
const sessions = new Set();
let bound = null;
let taken = 0;
const kept = [];

const say = (what) => process.stdout.write(JSON.stringify(what) + '\n');

function bind(session, pdu) {
  if (pdu.system_id !== user || pdu.password !== password) {
    session.send(pdu.response({ command_status: smpp.ESME_RBINDFAIL }));
    return;
  }
  session.send(pdu.response({ system_id: 'tests' }));
  bound = session;
  say({ bound: pdu.system_type });
}

function submit(session, pdu) {
  const phone = pdu.destination_addr;
  if (phone.endsWith(refused)) {
    session.send(pdu.response({ command_status: smpp.ESME_RINVDSTADR }));
    return;
  }
  const id = String(++taken);
  const { message, udh } = pdu.short_message;
  const elements = Buffer.concat(udh || []);
  const header = udh ? Buffer.concat([Buffer.from([elements.length]), elements]) : Buffer.alloc(0);
  session.send(pdu.response({ message_id: id }));
  say({ submitted: [pdu.source_addr, phone, message, pdu.data_coding === 8, header.toString('hex')] });
  if (!(pdu.registered_delivery & 1)) return;
  const tell = () => report(pdu, id, phone.endsWith(unreached) ? 'UNDELIV' : 'DELIVRD');
  if (phone.endsWith(late)) kept.push(tell); else tell();
}

function report(pdu, id, status) {
  const error = status === 'DELIVRD' ? '000' : '001';
  const text = `id:${id} sub:001 dlvrd:001 submit date:2611201200 done date:2611201200 stat:${status} err:${error} text:`;
  bound.deliver_sm({
    source_addr: pdu.destination_addr, source_addr_ton: pdu.dest_addr_ton, source_addr_npi: pdu.dest_addr_npi,
    destination_addr: pdu.source_addr, esm_class: 4, data_coding: 0, short_message: Buffer.from(text),
  });
}

const server = smpp.createServer((session) => {
  sessions.add(session);
  session.on('close', () => sessions.delete(session));
  session.on('error', () => session.destroy());
  session.on('bind_transceiver', (pdu) => bind(session, pdu));
  session.on('submit_sm', (pdu) => submit(session, pdu));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => { session.send(pdu.response()); session.close(); });
});

const orders = {
  up: () => server.listen(Number(port), '127.0.0.1', () => say({ up: true })),
  down: () => {
    server.close(() => say({ down: true }));
    sessions.forEach((session) => session.destroy());
  },
  reach: () => kept.splice(0).forEach((tell) => tell()),
  bring: ([sender, receiver, hex, ucs2, header]) => bound.deliver_sm({
    source_addr: sender.replace('+', ''), source_addr_ton: 1, source_addr_npi: 1, destination_addr: receiver,
    esm_class: header ? 0x40 : 0, data_coding: ucs2 ? 8 : 0, short_message: Buffer.from(header + hex, 'hex'),
  }, (pdu) => { if (pdu.command_status) say({ error: pdu.command_status }); }),
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  for (const [order, value] of Object.entries(JSON.parse(line))) orders[order](value);
});
