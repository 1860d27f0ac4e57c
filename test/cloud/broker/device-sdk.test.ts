import assert from "node:assert/strict";
import { once } from "node:events";
import { iot, iotjobs, iotshadow, mqtt, mqtt5 } from "aws-iot-device-sdk-v2";
import { control } from "../../../host-sim/cloud/jobs/index.js";
import { TlsCloud } from "./tls-cloud.js";

const HOST = "localhost";
const THING = { thingName: "pump" };
const REQUEST_OPTIONS = {
  maxRequestResponseSubscriptions: 6,
  maxStreamingSubscriptions: 2,
  operationTimeoutInSeconds: 10,
};

describe("aws-iot-device-sdk-v2 as a device, unmodified", () => {
  let cloud: TlsCloud;

  beforeEach(async () => {
    cloud = await TlsCloud.start();
  });
  afterEach(() => cloud.close());

  const createJob = () =>
    control.createJob(cloud.jobs, {
      jobId: "fw-1",
      targets: ["arn:aws:iot:us-east-1:123456789012:thing/pump"],
      document: '{"operation":"app_fw_update"}',
    });
  const jobStatus = () => {
    const { job } = control.describeJob(cloud.jobs, { jobId: "fw-1" });
    return typeof job === "object" && job !== null ? Reflect.get(job, "status") : undefined;
  };

  const openMqtt311 = async () => {
    const { pump, pki } = cloud.identities;
    const config = iot.AwsIotMqttConnectionConfigBuilder.new_mtls_builder(pump.certificatePem, pump.privateKeyPem)
      .with_certificate_authority(pki.caPem)
      .with_endpoint(HOST)
      .with_port(cloud.broker.port)
      .with_client_id("pump")
      .with_clean_session(false)
      .with_keep_alive_seconds(30)
      .build();
    const connection = new mqtt.MqttClient().new_connection(config);
    await connection.connect();
    return connection;
  };

  const openMqtt5 = async () => {
    const { pump, pki } = cloud.identities;
    const config = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(
      HOST,
      pump.certificatePem,
      pump.privateKeyPem,
    )
      .withCertificateAuthority(pki.caPem)
      .withPort(cloud.broker.port)
      .withConnectProperties({ clientId: "pump", keepAliveIntervalSeconds: 1200 })
      .build();
    const client = new mqtt5.Mqtt5Client(config);
    const connected = once(client, "connectionSuccess");
    client.start();
    await connected;
    return client;
  };

  const closeMqtt5 = async (client: mqtt5.Mqtt5Client) => {
    const stopped = once(client, "stopped");
    client.stop();
    await stopped;
    client.close();
  };

  /** The first generation of the Jobs client: publishes and subscribes itself. */
  const wholeJobWithFirstClient = async (client: iotjobs.IotJobsClient) => {
    const { AtLeastOnce } = mqtt.QoS;
    const answers: { event: string; body: object }[] = [];
    let arrived = () => {};
    const note = (event: string) => (error?: Error, body?: object) => {
      assert.equal(error, undefined);
      answers.push({ event, body: body ?? {} });
      arrived();
    };
    const next = async (event: string) => {
      for (;;) {
        const index = answers.findIndex((answer) => answer.event === event);
        if (index >= 0) return answers.splice(index, 1)[0]?.body ?? {};
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
    };
    const job = { ...THING, jobId: "fw-1" };
    await client.subscribeToNextJobExecutionChangedEvents(THING, AtLeastOnce, note("next"));
    await client.subscribeToStartNextPendingJobExecutionAccepted(THING, AtLeastOnce, note("started"));
    await client.subscribeToStartNextPendingJobExecutionRejected(THING, AtLeastOnce, note("refused"));
    await client.subscribeToUpdateJobExecutionAccepted(job, AtLeastOnce, note("updated"));
    await client.subscribeToUpdateJobExecutionRejected(job, AtLeastOnce, note("refused"));
    createJob();
    assert.match(JSON.stringify(await next("next")), /"jobDocument":\{"operation":"app_fw_update"\}/);
    await client.publishStartNextPendingJobExecution({ ...THING, clientToken: "a" }, AtLeastOnce);
    assert.match(JSON.stringify(await next("started")), /"status":"IN_PROGRESS"/);
    await client.publishUpdateJobExecution(
      { ...job, status: iotjobs.model.JobStatus.SUCCEEDED, expectedVersion: 2 },
      AtLeastOnce,
    );
    await next("updated");
    assert(!("execution" in (await next("next"))));
    await client.publishUpdateJobExecution({ ...job, status: iotjobs.model.JobStatus.FAILED }, AtLeastOnce);
    assert.match(JSON.stringify(await next("refused")), /TerminalStateReached/);
  };

  /** The second generation: requests are promises. */
  const wholeJobWithSecondClient = async (client: iotjobs.IotJobsClientv2) => {
    const stream = client.createNextJobExecutionChangedStream(THING);
    const established = once(stream, "subscriptionStatus");
    const first = once(stream, "incomingPublish");
    stream.open();
    await established;
    const idle = await client.describeJobExecution({ ...THING, jobId: "$next" });
    assert.equal(idle.execution, undefined);
    createJob();
    assert.match(JSON.stringify(await first), /"jobDocument":\{"operation":"app_fw_update"\}/);
    const pending = await client.getPendingJobExecutions(THING);
    assert.equal(pending.queuedJobs?.length, 1);
    const started = await client.startNextPendingJobExecution(THING);
    assert.equal(started.execution?.versionNumber, 2);
    await assert.rejects(
      client.updateJobExecution({
        ...THING,
        jobId: "fw-1",
        status: iotjobs.model.JobStatus.IN_PROGRESS,
        expectedVersion: 9,
      }),
      (error: object) => {
        const modeled: unknown = Reflect.get(error, "modeledError");
        assert.match(JSON.stringify(modeled), /VersionMismatch.*"versionNumber":2/);
        return true;
      },
    );
    const last = once(stream, "incomingPublish");
    await client.updateJobExecution({ ...THING, jobId: "fw-1", status: iotjobs.model.JobStatus.SUCCEEDED });
    await last;
    stream.close();
    client.close();
  };

  it("takes a whole job with the first Jobs client over MQTT 3.1.1", async () => {
    const connection = await openMqtt311();
    await wholeJobWithFirstClient(new iotjobs.IotJobsClient(connection));
    await connection.disconnect();
    assert.equal(jobStatus(), "COMPLETED");
  });

  it("takes a whole job with the first Jobs client over MQTT 5", async () => {
    const client = await openMqtt5();
    await wholeJobWithFirstClient(iotjobs.IotJobsClient.newFromMqtt5Client(client));
    await closeMqtt5(client);
    assert.equal(jobStatus(), "COMPLETED");
  });

  it("takes a whole job with the second Jobs client over MQTT 3.1.1", async () => {
    const connection = await openMqtt311();
    await wholeJobWithSecondClient(iotjobs.IotJobsClientv2.newFromMqtt311(connection, REQUEST_OPTIONS));
    await connection.disconnect();
    assert.equal(jobStatus(), "COMPLETED");
  });

  it("takes a whole job with the second Jobs client over MQTT 5", async () => {
    const client = await openMqtt5();
    await wholeJobWithSecondClient(iotjobs.IotJobsClientv2.newFromMqtt5(client, REQUEST_OPTIONS));
    await closeMqtt5(client);
    assert.equal(jobStatus(), "COMPLETED");
  });

  it("keeps a named shadow with the second shadow client, and hears what is desired", async () => {
    const connection = await openMqtt5();
    const client = iotshadow.IotShadowClientv2.newFromMqtt5(connection, REQUEST_OPTIONS);
    const shadow = { ...THING, shadowName: "fota" };
    const deltas = client.createNamedShadowDeltaUpdatedStream(shadow);
    const established = once(deltas, "subscriptionStatus");
    deltas.open();
    await established;
    await assert.rejects(client.getNamedShadow(shadow), (error: object) => {
      const modeled: unknown = Reflect.get(error, "modeledError");
      assert.match(JSON.stringify(modeled), /"code":404/);
      return true;
    });
    const delta = once(deltas, "incomingPublish");
    const made = await client.updateNamedShadow({
      ...shadow,
      state: { desired: { version: "1.0.2" }, reported: { version: "1.0.1" } },
    });
    assert.equal(made.version, 1);
    assert.match(JSON.stringify(await delta), /"state":\{"version":"1.0.2"\}/);
    const read = await client.getNamedShadow(shadow);
    assert.deepEqual(read.state?.delta, { version: "1.0.2" });
    const deleted = await client.deleteNamedShadow(shadow);
    assert.equal(deleted.version, 1);
    deltas.close();
    client.close();
    await closeMqtt5(connection);
  });

  it("keeps the classic shadow with the second shadow client over MQTT 3.1.1", async () => {
    const connection = await openMqtt311();
    const client = iotshadow.IotShadowClientv2.newFromMqtt311(connection, REQUEST_OPTIONS);
    const documents = client.createShadowUpdatedStream(THING);
    const established = once(documents, "subscriptionStatus");
    documents.open();
    await established;
    const changed = once(documents, "incomingPublish");
    await client.updateShadow({ ...THING, state: { reported: { on: true } } });
    assert.match(JSON.stringify(await changed), /"current":\{"state":\{"reported":\{"on":true\}\}/);
    assert.deepEqual((await client.getShadow(THING)).state?.reported, { on: true });
    documents.close();
    client.close();
    await connection.disconnect();
  });

  it("check 14: the MQTT 5 client is told that its client id was taken over", async () => {
    const first = await openMqtt5();
    const disconnected = once(first, "disconnection");
    const second = cloud.client({ clientId: "pump" });
    const [event] = await disconnected;
    await closeMqtt5(first);
    assert.match(JSON.stringify(event), /"reasonCode":142/);
    second.end(true);
  });
});
