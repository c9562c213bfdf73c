BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE delivery_report (
	id INTEGER NOT NULL, 
	gateway TEXT NOT NULL, 
	reference TEXT, 
	gateway_message_id TEXT, 
	status TEXT NOT NULL, 
	word TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	parameters TEXT NOT NULL, 
	received_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(reference) REFERENCES submission (reference)
);
INSERT INTO "delivery_report" VALUES(1,'kannel','fAC1R_ZLBIRod1T6',NULL,'DELIVERED','1','','[["dlr-status", "1"], ["reference", "fAC1R_ZLBIRod1T6"]]',1577836801041);
INSERT INTO "delivery_report" VALUES(2,'kannel',NULL,NULL,'DELIVERED','1','','[["dlr-status", "1"], ["reference", "nobody-knows"]]',1577836801046);
CREATE TABLE handling (
	id INTEGER NOT NULL, 
	inbox_id INTEGER NOT NULL, 
	handler TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	outcome TEXT NOT NULL, 
	started_at BIGINT NOT NULL, 
	ended_at BIGINT NOT NULL, 
	error TEXT NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT handling_outcome CHECK (outcome IN ('ACCEPTED', 'TRY_LATER', 'GAVE_UP', 'UNKNOWN', 'HANDLED', 'RAISED')), 
	FOREIGN KEY(inbox_id) REFERENCES inbox (id), 
	CONSTRAINT handling_once_per_attempt UNIQUE (inbox_id, handler, attempt)
);
INSERT INTO "handling" VALUES(1,1,'echo.reply',1,'HANDLED',1577836800038,1577836800040,'');
INSERT INTO "handling" VALUES(2,4,'echo.reply',1,'HANDLED',1577836800042,1577836800043,'');
INSERT INTO "handling" VALUES(3,12,'echo.reply',1,'HANDLED',1577836800045,1577836800046,'');
INSERT INTO "handling" VALUES(4,7,'echo.reply',1,'HANDLED',1577836800043,1577836800049,'');
INSERT INTO "handling" VALUES(5,11,'trouble.raising',1,'RAISED',1577836800043,1577836800045,'Traceback (most recent call last):
  File "/tmp/tmpmoepxfsy/first_revision/host/handling.py", line 171, in _run
    run(call, handler.function, event)
  File "/tmp/tmpmoepxfsy/first_revision/host/procedures.py", line 70, in run
    return function(*arguments)
           ^^^^^^^^^^^^^^^^^^^^
  File "/tmp/tmpmoepxfsy/sqlite/adapters/trouble/__init__.py", line 22, in raising
    raise LookupError(f"no shelf for {event[''text'']}")
LookupError: no shelf for raise 1
');
INSERT INTO "handling" VALUES(6,11,'trouble.witness',1,'HANDLED',1577836800045,1577836800049,'');
INSERT INTO "handling" VALUES(7,2,'diary.note',1,'HANDLED',1577836800050,1577836800051,'');
INSERT INTO "handling" VALUES(8,8,'diary.note',1,'HANDLED',1577836800052,1577836800053,'');
INSERT INTO "handling" VALUES(9,5,'diary.note',1,'HANDLED',1577836800052,1577836800055,'');
INSERT INTO "handling" VALUES(10,3,'echo.reply',1,'HANDLED',1577836800056,1577836800056,'');
INSERT INTO "handling" VALUES(11,9,'echo.reply',1,'HANDLED',1577836800066,1577836800067,'');
INSERT INTO "handling" VALUES(12,6,'echo.reply',1,'HANDLED',1577836800067,1577836800067,'');
INSERT INTO "handling" VALUES(13,11,'trouble.raising',2,'RAISED',1577836800999,1577836801000,'Traceback (most recent call last):
  File "/tmp/tmpmoepxfsy/first_revision/host/handling.py", line 171, in _run
    run(call, handler.function, event)
  File "/tmp/tmpmoepxfsy/first_revision/host/procedures.py", line 70, in run
    return function(*arguments)
           ^^^^^^^^^^^^^^^^^^^^
  File "/tmp/tmpmoepxfsy/sqlite/adapters/trouble/__init__.py", line 22, in raising
    raise LookupError(f"no shelf for {event[''text'']}")
LookupError: no shelf for raise 1
');
INSERT INTO "handling" VALUES(14,13,'echo.reply',1,'HANDLED',1577836801006,1577836801007,'');
INSERT INTO "handling" VALUES(15,14,'echo.reply',1,'HANDLED',1577836801018,1577836801018,'');
INSERT INTO "handling" VALUES(16,15,'echo.reply',1,'HANDLED',1577836801029,1577836801029,'');
INSERT INTO "handling" VALUES(17,16,'echo.reply',1,'HANDLED',1577836801050,1577836801051,'');
INSERT INTO "handling" VALUES(18,17,'echo.reply',1,'HANDLED',1577836801058,1577836801058,'');
INSERT INTO "handling" VALUES(19,19,'echo.reply',1,'HANDLED',1577836801067,1577836801067,'');
INSERT INTO "handling" VALUES(20,21,'echo.reply',1,'HANDLED',1577836801074,1577836801074,'');
INSERT INTO "handling" VALUES(21,23,'echo.reply',1,'HANDLED',1577836801081,1577836801081,'');
CREATE TABLE inbox (
	id INTEGER NOT NULL, 
	gateway TEXT NOT NULL, 
	gateway_message_id TEXT, 
	sender TEXT NOT NULL, 
	receiver TEXT NOT NULL, 
	text TEXT NOT NULL, 
	keyword TEXT NOT NULL, 
	parameters TEXT NOT NULL, 
	raw BLOB, 
	sent_at BIGINT, 
	received_at BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	due_at BIGINT NOT NULL, 
	finished_at BIGINT, 
	PRIMARY KEY (id), 
	CONSTRAINT inbox_state CHECK (state IN ('RECEIVED', 'HANDLED', 'UNMATCHED', 'FAILED')), 
	CONSTRAINT inbox_one_per_gateway_id UNIQUE (gateway, gateway_message_id)
);
INSERT INTO "inbox" VALUES(1,'web','text-1','+15550000000','26161','echo 1 ünïcödé 😀','echo','[["from", "+15550000000"], ["to", "26161"], ["text", "echo 1 ünïcödé 😀"], ["id", "text-1"]]',NULL,NULL,1577836800000,'HANDLED',1,1577836800000,1577836800040);
INSERT INTO "inbox" VALUES(2,'web','text-2','+15550000000','26161','note 2','note','[["from", "+15550000000"], ["to", "26161"], ["text", "note 2"], ["id", "text-2"]]',NULL,NULL,1577836800006,'HANDLED',1,1577836800006,1577836800053);
INSERT INTO "inbox" VALUES(3,'plain',NULL,'+15550000000','26161','echo 3','echo','[["from", "+15550000000"], ["to", "26161"], ["text", "echo 3"]]',NULL,NULL,1577836800008,'HANDLED',1,1577836800008,1577836800067);
INSERT INTO "inbox" VALUES(4,'web','text-3','+15550000001','26161','echo 1 ünïcödé 😀','echo','[["from", "+15550000001"], ["to", "26161"], ["text", "echo 1 ünïcödé 😀"], ["id", "text-3"]]',NULL,NULL,1577836800011,'HANDLED',1,1577836800011,1577836800050);
INSERT INTO "inbox" VALUES(5,'web','text-4','+15550000001','26161','note 2','note','[["from", "+15550000001"], ["to", "26161"], ["text", "note 2"], ["id", "text-4"]]',NULL,NULL,1577836800013,'HANDLED',1,1577836800013,1577836800056);
INSERT INTO "inbox" VALUES(6,'plain',NULL,'+15550000001','26161','echo 3','echo','[["from", "+15550000001"], ["to", "26161"], ["text", "echo 3"]]',NULL,NULL,1577836800014,'HANDLED',1,1577836800014,1577836800070);
INSERT INTO "inbox" VALUES(7,'web','text-5','+15550000002','26161','echo 1 ünïcödé 😀','echo','[["from", "+15550000002"], ["to", "26161"], ["text", "echo 1 ünïcödé 😀"], ["id", "text-5"]]',NULL,NULL,1577836800016,'HANDLED',1,1577836800016,1577836800050);
INSERT INTO "inbox" VALUES(8,'web','text-6','+15550000002','26161','note 2','note','[["from", "+15550000002"], ["to", "26161"], ["text", "note 2"], ["id", "text-6"]]',NULL,NULL,1577836800018,'HANDLED',1,1577836800018,1577836800056);
INSERT INTO "inbox" VALUES(9,'plain',NULL,'+15550000002','26161','echo 3','echo','[["from", "+15550000002"], ["to", "26161"], ["text", "echo 3"]]',NULL,NULL,1577836800020,'HANDLED',1,1577836800020,1577836800070);
INSERT INTO "inbox" VALUES(10,'web','text-7','+15550000003','26161','nobody is for this','nobody','[["from", "+15550000003"], ["to", "26161"], ["text", "nobody is for this"], ["id", "text-7"]]',NULL,NULL,1577836800024,'UNMATCHED',1,1577836800024,1577836800050);
INSERT INTO "inbox" VALUES(11,'web','text-8','+15550000004','26161','raise 1','raise','[["from", "+15550000004"], ["to", "26161"], ["text", "raise 1"], ["id", "text-8"]]',NULL,NULL,1577836800026,'FAILED',2,1577836801000,1577836801000);
INSERT INTO "inbox" VALUES(12,'web','raw','+15550000005','26161','echo ��','echo','[["from", "+15550000005"], ["to", "26161"], ["text", "echo ��"], ["id", "raw"]]',X'0A66726F6D3D253242313535353030303030303526746F3D323631363126746578743D6563686F2B2566662566652669643D726177',NULL,1577836800028,'HANDLED',1,1577836800028,1577836800050);
INSERT INTO "inbox" VALUES(13,'web','text-9','+15550000006','26161','echo 1','echo','[["from", "+15550000006"], ["to", "26161"], ["text", "echo 1"], ["id", "text-9"]]',NULL,NULL,1577836801004,'HANDLED',1,1577836801004,1577836801007);
INSERT INTO "inbox" VALUES(14,'web','text-10','+15550000007','26161','echo 1','echo','[["from", "+15550000007"], ["to", "26161"], ["text", "echo 1"], ["id", "text-10"]]',NULL,NULL,1577836801015,'HANDLED',1,1577836801015,1577836801018);
INSERT INTO "inbox" VALUES(15,'kannel','kannel-1','+15550000008','26161','echo 1','echo','[["from", "+15550000008"], ["to", "26161"], ["text", "echo 1"], ["id", "kannel-1"]]',NULL,NULL,1577836801026,'HANDLED',1,1577836801026,1577836801029);
INSERT INTO "inbox" VALUES(16,'web','text-11','+15550000009','26161','echo 1','echo','[["from", "+15550000009"], ["to", "26161"], ["text", "echo 1"], ["id", "text-11"]]',NULL,NULL,1577836801049,'HANDLED',1,1577836801049,1577836801051);
INSERT INTO "inbox" VALUES(17,'web','text-12','+15550000009','26161','echo 2','echo','[["from", "+15550000009"], ["to", "26161"], ["text", "echo 2"], ["id", "text-12"]]',NULL,NULL,1577836801057,'HANDLED',1,1577836801057,1577836801058);
INSERT INTO "inbox" VALUES(18,'web','text-13','+15550000010','26161','slow 2','slow','[["from", "+15550000010"], ["to", "26161"], ["text", "slow 2"], ["id", "text-13"]]',NULL,NULL,1577836801060,'RECEIVED',0,1577836801060,NULL);
INSERT INTO "inbox" VALUES(19,'web','text-14','+15550000009','26161','echo 3','echo','[["from", "+15550000009"], ["to", "26161"], ["text", "echo 3"], ["id", "text-14"]]',NULL,NULL,1577836801064,'HANDLED',1,1577836801064,1577836801067);
INSERT INTO "inbox" VALUES(20,'web','text-15','+15550000010','26161','slow 3','slow','[["from", "+15550000010"], ["to", "26161"], ["text", "slow 3"], ["id", "text-15"]]',NULL,NULL,1577836801067,'RECEIVED',0,1577836801067,NULL);
INSERT INTO "inbox" VALUES(21,'web','text-16','+15550000009','26161','echo 4','echo','[["from", "+15550000009"], ["to", "26161"], ["text", "echo 4"], ["id", "text-16"]]',NULL,NULL,1577836801070,'HANDLED',1,1577836801070,1577836801074);
INSERT INTO "inbox" VALUES(22,'web','text-17','+15550000010','26161','slow 4','slow','[["from", "+15550000010"], ["to", "26161"], ["text", "slow 4"], ["id", "text-17"]]',NULL,NULL,1577836801075,'RECEIVED',0,1577836801075,NULL);
INSERT INTO "inbox" VALUES(23,'web','text-18','+15550000011','26161','echo 1','echo','[["from", "+15550000011"], ["to", "26161"], ["text", "echo 1"], ["id", "text-18"]]',NULL,NULL,1577836801079,'HANDLED',1,1577836801079,1577836801081);
INSERT INTO "inbox" VALUES(24,'web','text-19','+15550000010','26161','slow 5','slow','[["from", "+15550000010"], ["to", "26161"], ["text", "slow 5"], ["id", "text-19"]]',NULL,NULL,1577836801087,'RECEIVED',0,1577836801087,NULL);
INSERT INTO "inbox" VALUES(25,'web','text-20','+15550000010','26161','slow 6','slow','[["from", "+15550000010"], ["to", "26161"], ["text", "slow 6"], ["id", "text-20"]]',NULL,NULL,1577836801089,'RECEIVED',0,1577836801089,NULL);
INSERT INTO "inbox" VALUES(26,'web','text-21','+15550000010','26161','slow 7','slow','[["from", "+15550000010"], ["to", "26161"], ["text", "slow 7"], ["id", "text-21"]]',NULL,NULL,1577836801092,'RECEIVED',0,1577836801092,NULL);
INSERT INTO "inbox" VALUES(27,'web','text-22','+15550000010','26161','slow 8','slow','[["from", "+15550000010"], ["to", "26161"], ["text", "slow 8"], ["id", "text-22"]]',NULL,NULL,1577836801094,'RECEIVED',0,1577836801094,NULL);
CREATE TABLE inbox_repeat (
	id INTEGER NOT NULL, 
	inbox_id INTEGER NOT NULL, 
	received_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(inbox_id) REFERENCES inbox (id)
);
INSERT INTO "inbox_repeat" VALUES(1,1,1577836800022);
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	cause TEXT, 
	inbox_id INTEGER, 
	event_source TEXT NOT NULL, 
	gateway TEXT NOT NULL, 
	receiver TEXT NOT NULL, 
	text TEXT NOT NULL, 
	state TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	due_at BIGINT NOT NULL, 
	finished_at BIGINT, 
	error TEXT NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT outbox_state CHECK (state IN ('QUEUED', 'SENDING', 'WAITING', 'SENT', 'DELIVERED', 'UNDELIVERED', 'FAILED', 'HELD')), 
	FOREIGN KEY(inbox_id) REFERENCES inbox (id), 
	CONSTRAINT outbox_one_per_cause UNIQUE (cause)
);
INSERT INTO "outbox" VALUES(1,'in-1/echo.reply/1',1,'echo.phones','web','+15550000000','re echo 1 ünïcödé 😀','SENT',1,1577836800040,1577836800078,1577836800079,'');
INSERT INTO "outbox" VALUES(2,'in-4/echo.reply/1',4,'echo.phones','web','+15550000001','re echo 1 ünïcödé 😀','SENT',1,1577836800043,1577836800079,1577836800082,'');
INSERT INTO "outbox" VALUES(3,'in-12/echo.reply/1',12,'echo.phones','web','+15550000005','re echo ��','SENT',1,1577836800046,1577836800075,1577836800075,'');
INSERT INTO "outbox" VALUES(4,'in-7/echo.reply/1',7,'echo.phones','web','+15550000002','re echo 1 ünïcödé 😀','SENT',1,1577836800049,1577836800075,1577836800075,'');
INSERT INTO "outbox" VALUES(5,'in-11/trouble.witness/1',11,'trouble.phones','web','+15550000004','saw raise 1','SENT',1,1577836800049,1577836800086,1577836800087,'');
INSERT INTO "outbox" VALUES(6,'in-3/echo.reply/1',3,'echo.phones','web','+15550000000','re echo 3','SENT',1,1577836800056,1577836800087,1577836800088,'');
INSERT INTO "outbox" VALUES(7,'in-9/echo.reply/1',9,'echo.phones','web','+15550000002','re echo 3','SENT',1,1577836800067,1577836800085,1577836800087,'');
INSERT INTO "outbox" VALUES(8,'in-6/echo.reply/1',6,'echo.phones','web','+15550000001','re echo 3','SENT',1,1577836800067,1577836800090,1577836800091,'');
INSERT INTO "outbox" VALUES(9,'in-13/echo.reply/1',13,'echo.phones','web','+15550000006','re echo 1','FAILED',1,1577836801007,1577836801011,1577836801011,'the gateway answered 400: ');
INSERT INTO "outbox" VALUES(10,'in-14/echo.reply/1',14,'echo.phones','web','+15550000007','re echo 1','HELD',1,1577836801018,1577836801022,1577836801023,'127.0.0.1:45455 did not answer: RemoteDisconnected');
INSERT INTO "outbox" VALUES(11,'in-15/echo.reply/1',15,'echo.phones','kannel','+15550000008','re echo 1','DELIVERED',1,1577836801029,1577836801037,1577836801043,'');
INSERT INTO "outbox" VALUES(12,'in-16/echo.reply/1',16,'echo.phones','web','+15550000009','re echo 1','WAITING',1,1577836801051,1577836803871,NULL,'the gateway answered 503: ');
INSERT INTO "outbox" VALUES(13,'in-17/echo.reply/1',17,'echo.phones','web','+15550000009','re echo 2','QUEUED',0,1577836801058,1577836801058,NULL,'');
INSERT INTO "outbox" VALUES(14,'in-19/echo.reply/1',19,'echo.phones','web','+15550000009','re echo 3','QUEUED',0,1577836801067,1577836801067,NULL,'');
INSERT INTO "outbox" VALUES(15,'in-21/echo.reply/1',21,'echo.phones','web','+15550000009','re echo 4','QUEUED',0,1577836801074,1577836801074,NULL,'');
INSERT INTO "outbox" VALUES(16,'in-23/echo.reply/1',23,'echo.phones','web','+15550000011','re echo 1','SENDING',1,1577836801081,1577836801081,NULL,'');
CREATE TABLE poll (
	event_source TEXT NOT NULL, 
	started_at BIGINT NOT NULL, 
	ended_at BIGINT NOT NULL, 
	error TEXT NOT NULL, 
	PRIMARY KEY (event_source)
);
INSERT INTO "poll" VALUES('diary.readers',1577836800978,1577836800978,'');
CREATE TABLE submission (
	reference TEXT NOT NULL, 
	outbox_id INTEGER NOT NULL, 
	gateway TEXT NOT NULL, 
	part INTEGER NOT NULL, 
	parts INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	started_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	outcome TEXT, 
	gateway_message_id TEXT, 
	exchange TEXT NOT NULL, 
	error TEXT NOT NULL, 
	delivery TEXT, 
	PRIMARY KEY (reference), 
	CONSTRAINT submission_outcome CHECK (outcome IN ('ACCEPTED', 'TRY_LATER', 'GAVE_UP', 'UNKNOWN', 'HANDLED', 'RAISED')), 
	FOREIGN KEY(outbox_id) REFERENCES outbox (id), 
	CONSTRAINT submission_once_per_attempt UNIQUE (outbox_id, part, attempt)
);
INSERT INTO "submission" VALUES('Ae0WF1O6-wdMoMXx',1,'web',1,1,1,1577836800055,1577836800079,'ACCEPTED',NULL,'said GET http://127.0.0.1:45455/?to=%2B15550000000&text=re%20echo%201%20%C3%BCn%C3%AFc%C3%B6d%C3%A9%20%F0%9F%98%80
heard 200 ','',NULL);
INSERT INTO "submission" VALUES('CrQF9s46ff06r7-K',2,'web',1,1,1,1577836800055,1577836800082,'ACCEPTED',NULL,'said GET http://127.0.0.1:45455/?to=%2B15550000001&text=re%20echo%201%20%C3%BCn%C3%AFc%C3%B6d%C3%A9%20%F0%9F%98%80
heard 200 ','',NULL);
INSERT INTO "submission" VALUES('uLKITsr3JbLxL4T5',3,'web',1,1,1,1577836800055,1577836800075,'ACCEPTED',NULL,'said GET http://127.0.0.1:45455/?to=%2B15550000005&text=re%20echo%20%EF%BF%BD%EF%BF%BD
heard 200 ','',NULL);
INSERT INTO "submission" VALUES('fysyoH1h1u2YpzUF',4,'web',1,1,1,1577836800055,1577836800075,'ACCEPTED',NULL,'said GET http://127.0.0.1:45455/?to=%2B15550000002&text=re%20echo%201%20%C3%BCn%C3%AFc%C3%B6d%C3%A9%20%F0%9F%98%80
heard 200 ','',NULL);
INSERT INTO "submission" VALUES('NEbOd_-CUkdP2xyA',5,'web',1,1,1,1577836800079,1577836800087,'ACCEPTED',NULL,'said GET http://127.0.0.1:45455/?to=%2B15550000004&text=saw%20raise%201
heard 200 ','',NULL);
INSERT INTO "submission" VALUES('z0UnWLH5JRJjeBiG',7,'web',1,1,1,1577836800079,1577836800087,'ACCEPTED',NULL,'said GET http://127.0.0.1:45455/?to=%2B15550000002&text=re%20echo%203
heard 200 ','',NULL);
INSERT INTO "submission" VALUES('9yKSOWbjnQEU-nI3',6,'web',1,1,1,1577836800083,1577836800088,'ACCEPTED',NULL,'said GET http://127.0.0.1:45455/?to=%2B15550000000&text=re%20echo%203
heard 200 ','',NULL);
INSERT INTO "submission" VALUES('7dIKO9lrA5hc0Trj',8,'web',1,1,1,1577836800085,1577836800091,'ACCEPTED',NULL,'said GET http://127.0.0.1:45455/?to=%2B15550000001&text=re%20echo%203
heard 200 ','',NULL);
INSERT INTO "submission" VALUES('PmRznivDGTDp1Dc-',9,'web',1,1,1,1577836801009,1577836801011,'GAVE_UP',NULL,'said GET http://127.0.0.1:45455/?to=%2B15550000006&text=re%20echo%201
heard 400 ','the gateway answered 400: ',NULL);
INSERT INTO "submission" VALUES('zV96DwWcBJkEinAs',10,'web',1,1,1,1577836801020,1577836801023,'UNKNOWN',NULL,'said GET http://127.0.0.1:45455/?to=%2B15550000007&text=re%20echo%201','127.0.0.1:45455 did not answer: RemoteDisconnected',NULL);
INSERT INTO "submission" VALUES('fAC1R_ZLBIRod1T6',11,'kannel',1,1,1,1577836801034,1577836801037,'ACCEPTED',NULL,'said GET http://127.0.0.1:45455/cgi-bin/sendsms?to=%2B15550000008&text=re%20echo%201&username=***&password=***&coding=0&charset=UTF-8
heard 202 0: Accepted for delivery','','DELIVERED');
INSERT INTO "submission" VALUES('WbVIm3G4IIqg2SLZ',12,'web',1,1,1,1577836801052,1577836801054,'TRY_LATER',NULL,'said GET http://127.0.0.1:45455/?to=%2B15550000009&text=re%20echo%201
heard 503 ','the gateway answered 503: ',NULL);
INSERT INTO "submission" VALUES('0RA-7n0DmSfeG2os',16,'web',1,1,1,1577836801083,NULL,NULL,NULL,'','',NULL);
CREATE TABLE subscription (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	event_source TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	phone TEXT NOT NULL, 
	gateway TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT subscription_one_per_phone UNIQUE (event_source, phone)
);
INSERT INTO "subscription" VALUES(1,'echo.phones','+15550000000','+15550000000','web',1577836800039);
INSERT INTO "subscription" VALUES(2,'echo.phones','+15550000001','+15550000001','web',1577836800043);
INSERT INTO "subscription" VALUES(3,'echo.phones','+15550000005','+15550000005','web',1577836800046);
INSERT INTO "subscription" VALUES(4,'echo.phones','+15550000002','+15550000002','web',1577836800048);
INSERT INTO "subscription" VALUES(5,'trouble.phones','+15550000004','+15550000004','web',1577836800049);
INSERT INTO "subscription" VALUES(6,'diary.readers','+15550000000','+15550000000','web',1577836800051);
INSERT INTO "subscription" VALUES(7,'diary.readers','+15550000002','+15550000002','web',1577836800052);
INSERT INTO "subscription" VALUES(8,'diary.readers','+15550000001','+15550000001','web',1577836800053);
INSERT INTO "subscription" VALUES(9,'echo.phones','+15550000006','+15550000006','web',1577836801006);
INSERT INTO "subscription" VALUES(10,'echo.phones','+15550000007','+15550000007','web',1577836801018);
INSERT INTO "subscription" VALUES(11,'echo.phones','+15550000008','+15550000008','kannel',1577836801029);
INSERT INTO "subscription" VALUES(12,'echo.phones','+15550000009','+15550000009','web',1577836801051);
INSERT INTO "subscription" VALUES(13,'echo.phones','+15550000011','+15550000011','web',1577836801081);
CREATE TABLE user_state (
	id INTEGER NOT NULL, 
	event_source TEXT NOT NULL, 
	user_id TEXT NOT NULL, 
	state TEXT NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT user_state_one_per_user UNIQUE (event_source, user_id)
);
INSERT INTO "user_state" VALUES(1,'diary.readers','+15550000000','{"notes": ["note 2"]}');
INSERT INTO "user_state" VALUES(2,'diary.readers','+15550000002','{"notes": ["note 2"]}');
INSERT INTO "user_state" VALUES(3,'diary.readers','+15550000001','{"notes": ["note 2"]}');
CREATE INDEX inbox_ready ON inbox (id) WHERE state = 'RECEIVED' AND attempts >= 0;
CREATE INDEX inbox_waiting_by_sender ON inbox (sender, id) WHERE state = 'RECEIVED';
CREATE INDEX subscription_by_user ON subscription (event_source, user_id);
CREATE UNIQUE INDEX handling_succeeds_once ON handling (inbox_id, handler) WHERE outcome = 'HANDLED';
CREATE INDEX ix_inbox_repeat_inbox_id ON inbox_repeat (inbox_id);
CREATE INDEX outbox_by_inbox ON outbox (inbox_id);
CREATE INDEX outbox_ready ON outbox (gateway, id) WHERE state IN ('QUEUED', 'WAITING', 'SENDING') AND attempts >= 0;
CREATE INDEX outbox_waiting_by_receiver ON outbox (gateway, receiver, id) WHERE state IN ('QUEUED', 'WAITING', 'SENDING');
CREATE UNIQUE INDEX submission_accepted_once ON submission (outbox_id, part) WHERE outcome = 'ACCEPTED';
CREATE INDEX submission_by_gateway_id ON submission (gateway, gateway_message_id);
CREATE INDEX delivery_report_by_reference ON delivery_report (reference);
CREATE INDEX delivery_report_unmatched ON delivery_report (gateway, gateway_message_id) WHERE reference IS NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('subscription',13);
COMMIT;
