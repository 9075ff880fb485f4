//! Every shape of answer, callback, confirmation and statement that docs/daraja.md knows.

/// STK callbacks (daraja §3.1).
pub const CALLBACKS: &[&str] = &[
    r#"{"Body":{"stkCallback":{"MerchantRequestID":"29115-34620561-1","CheckoutRequestID":"ws_CO_191220191020363925","ResultCode":0,"ResultDesc":"The service request is processed successfully.","CallbackMetadata":{"Item":[{"Name":"Amount","Value":1.00},{"Name":"MpesaReceiptNumber","Value":"NLJ7RT61SV"},{"Name":"TransactionDate","Value":20191219102115},{"Name":"PhoneNumber","Value":254708374149}]}}}}"#,
    r#"{"Body":{"stkCallback":{"MerchantRequestID":"2654-4b64-97ff-b827b542881d3130","CheckoutRequestID":"ws_CO_10122023133410768708374149","ResultCode":0,"ResultDesc":"The service request is processed successfully.","CallbackMetadata":{"Item":[{"Name":"Amount","Value":1},{"Name":"MpesaReceiptNumber","Value":"RLA0R69NXM"},{"Name":"Balance"},{"Name":"TransactionDate","Value":20231210133416},{"Name":"PhoneNumber","Value":254708374149}]}}}}"#,
    r#"{"Body":{"stkCallback":{"MerchantRequestID":"a","CheckoutRequestID":"b","ResultCode":"0","ResultDesc":"ok","CallbackMetadata":{"Item":[{"Name":"Balance","Value":"{Amount={BasicAmount=1.00, MinimumAmount=100, CurrencyCode=KES}}"},{"Name":"Amount","Value":"1.00"},{"Name":"b2CUtilityAccountAvailableFunds","Value":5},{"Name":"TransactionDate","Value":"2023-12-10 13:34:16"},{"Name":"PhoneNumber","Value":"254708***430"},{"Name":"MpesaReceiptNumber","Value":"UCQ5UAQ403"}]}}}}"#,
    r#"{"Body":{"stkCallback":{"MerchantRequestID":"a","CheckoutRequestID":"b","ResultCode":0,"ResultDesc":"ok","CallbackMetadata":{"Item":{"Name":"Amount","Value":1e2}}}}}"#,
    r#"{"Body":{"stkCallback":{"MerchantRequestID":"a","CheckoutRequestID":"b","ResultCode":1032,"ResultDesc":"Request cancelled by user"}}}"#,
    r#"{"Body":{"stkCallback":{"MerchantRequestID":"a","CheckoutRequestID":"b","ResultCode":1032,"ResultDesc":"[STK_CB - ]Request cancelled by user","CallbackMetadata":null}}}"#,
    r#"{"Body":{"stkCallback":{"MerchantRequestID":"a","CheckoutRequestID":"b","ResultCode":1037,"ResultDesc":"DS timeout user cannot be reached","CallbackMetadata":{}}}}"#,
    r#"{"Body":{"stkCallback":{"MerchantRequestID":"a","CheckoutRequestID":"b","ResultCode":1037,"ResultDesc":"[MpesaCB - ]No response from user.","CallbackMetadata":{"Item":null}}}}"#,
    r#"{"Body":{"stkCallback":{"MerchantRequestID":"a","CheckoutRequestID":"b","ResultCode":"SFC_IC0003","ResultDesc":"The operator does not exist."}}}"#,
    r#"{"Body":{"stkCallback":{"MerchantRequestID":"a","CheckoutRequestID":"b","ResultCode":2001,"ResultDesc":"The initiator information is invalid.","CallbackMetadata":{"Item":[{"Name":"MpesaReceiptNumber","Value":"NLJ0000000"}]}}}}"#,
    "{\"Body\":{\"stkCallback\":{}}}",
    "{\"Body\":{}}",
];

/// Answers to token requests, pushes, queries and registrations, and what gateways say instead (daraja §1,
/// §2, §4, §5.2).
pub const ANSWERS: &[&str] = &[
    r#"{"access_token":"c9SQxWWhmdVRlyh0zh8gZDTkubVF","expires_in":"3599"}"#,
    r#"{"access_token":"c9SQxWWhmdVRlyh0zh8gZDTkubVF","expires_in":3599}"#,
    r#"{"MerchantRequestID":"2654-4b64-97ff-b827b542881d3130","CheckoutRequestID":"ws_CO_26032026133641276708729173","ResponseCode":"0","ResponseDescription":"Success. Request accepted for processing","CustomerMessage":"Success. Request accepted for processing"}"#,
    r#"{"MerchantRequestID":"29115-34620561-1","CheckoutRequestID":"ws_CO_DMZ_123","ResponseCode":0,"ResponseDescription":"ok","CustomerMessage":"ok"}"#,
    r#"{"ResponseCode":"1","ResponseDescription":"rejected"}"#,
    r#"{"ResponseCode":"0","ResponseDescription":"The service request has been accepted successsfully","MerchantRequestID":"22205-34066-1","CheckoutRequestID":"ws_CO_DMZ_123","ResultCode":"1032","ResultDesc":"Request cancelled by user"}"#,
    r#"{"ResponseCode":"0","MerchantRequestID":"22205-34066-1","CheckoutRequestID":"ws_CO_DMZ_123","ResultCode":"0","ResultDesc":"The service request is processed successfully."}"#,
    r#"{"ResponseCode":"0","MerchantRequestID":"22205-34066-1","CheckoutRequestID":"ws_CO_DMZ_123","ResultCode":0,"ResultDesc":"ok"}"#,
    r#"{"ResponseCode":"0","MerchantRequestID":"22205-34066-1","CheckoutRequestID":"ws_CO_DMZ_123","ResultCode":"4999","ResultDesc":"The transaction is still under processing"}"#,
    r#"{"ResponseCode":"0","MerchantRequestID":"22205-34066-1","CheckoutRequestID":"ws_CO_DMZ_123","ResultCode":1037,"ResultDesc":"The transaction is still under processing"}"#,
    r#"{"OriginatorCoversationID":"6e86-45dd-91ac-fd5d4178ab523408729","ResponseCode":"0","ResponseDescription":"Success"}"#,
    r#"{"requestId":"ws_CO_DMZ_123","errorCode":"500.001.1001","errorMessage":"The transaction is being processed"}"#,
    r#"{"requestId":"1c5b-4ba8-815c-ac45c57a3db01495","errorCode":"500.001.1001","errorMessage":""}"#,
    r#"{"requestId":"1","errorCode":"500.001.1001","errorMessage":"The transaction does not Exist"}"#,
    r#"{"requestId":"1","errorCode":"500.001.1001","errorMessage":"[MerchantValidate] - Wrong credentials"}"#,
    r#"{"requestId":"1","errorCode":"500.001.1001","errorMessage":"Unable to lock subscriber, a transaction is already in process for the current subscriber"}"#,
    r#"{"requestId":"10219-2484793-1","errorCode":"404.001.03","errorMessage":"Invalid Access Token"}"#,
    r#"{"requestId":"1","errorCode":"401.003.01","errorMessage":"Error Occurred - Invalid Access Token - c9SQxWWhmdVRlyh0zh8gZDTkubVF"}"#,
    r#"{"requestId":"1","errorCode":"400.002.02","errorMessage":"Bad Request - Invalid PhoneNumber"}"#,
    r#"{"requestId":"1","errorCode":"400.008.01","errorMessage":"Invalid Authentication passed"}"#,
    r#"{"requestId":"1","errorCode":"500.003.02","errorMessage":"System is busy. Please try again in few minutes."}"#,
    r#"{"requestId":"1","errorCode":"500.003.02","errorMessage":"Error Occurred: Spike Arrest Violation"}"#,
    r#"{"requestId":"1","errorCode":"500.003.1001","errorMessage":"Urls are already registered"}"#,
    r#"{"fault":{"faultstring":"Spike arrest violation. Allowed rate : MessageRate{messagesPerPeriod=5, periodInMicroseconds=60000000, maxBurstMessageCount=1.0}","detail":{"errorcode":"policies.ratelimit.SpikeArrestViolation"}}}"#,
    r#"{"fault":{"faultstring":"Access Token expired","detail":{"errorcode":"keymanagement.service.access_token_expired"}}}"#,
    "<html style=\"height:100%\"><body>Request unsuccessful. Incapsula incident ID: 877000310-194602</body></html>",
    "<soapenv:Fault><faultstring>Evaluation of XSL ClearEmptyNodes.xsl failed</faultstring></soapenv:Fault>",
    "Service Unavailable",
    "",
];

/// C2B confirmations (daraja §5.2).
pub const CONFIRMATIONS: &[&str] = &[
    r#"{"TransactionType":"Pay Bill","TransID":"UJ22T8IYOU","TransTime":"20261002154500","TransAmount":"50.00","BusinessShortCode":"174379","BillRefNumber":"LG7K2M9QX4TB","InvoiceNumber":"","OrgAccountBalance":"49197.00","ThirdPartyTransID":"","MSISDN":"2547 ***** 149","FirstName":"WANJIKU","MiddleName":"","LastName":""}"#,
    r#"{"TransactionType":"Customer Merchant Payment","TransID":"RKTQDM7W6S","TransTime":"20191122063845","TransAmount":"10","BusinessShortCode":"600638","BillRefNumber":"","InvoiceNumber":"","OrgAccountBalance":"","ThirdPartyTransID":"1234567890","MSISDN":"16d7f5ad0e4e6a8fb4ee2b1e08d2ad71f9e2fba5c94aca3b3a3f0a2cd07e1f0b","FirstName":"JOHN"}"#,
    r#"{"TransID":"UJ22T8IYOV","TransAmount":1250,"BillRefNumber":17,"TransTime":20261002154500}"#,
];

/// Statements (daraja §4): the portal's, a spreadsheet's, the simulator's.
pub const STATEMENTS: &[&str] = &[
    "\u{feff}Account Holder:,LIGISOO LIMITED\r\nShort Code:,174379\r\n\r\nReceipt No.,Completion Time,Initiation Time,Details,Transaction Status,Paid In,Withdrawn,Balance,Balance Confirmed,Reason Type,Other Party Info,Linked Transaction ID,A/C No.\r\nUJ22T8IYOU,02-10-2026 15:45:00,02-10-2026 15:44:58,Pay Bill Online from 2547***149 - JANE DOE Acc. LG7K2M9QX4TB,Completed,\"1,250.00\",,\"51,250.00\",true,Pay Utility,2547***149 - JANE DOE,,LG7K2M9QX4TB\r\nUJ22T8IYOV,02-10-2026 15:40:00,02-10-2026 15:40:00,Business Payment,Completed,,-600.00,\"50,000.00\",true,B2C,,,\r\nTotal,,,,,\r\n",
    "\"A/C No.\";\"Paid In\";\"Receipt No.\"\n\"REF1\";\"50.00\";\"UJ22T8IYOU\"\n\"\";\"0\";\"UJ22T8IYOV\"\n",
    "Receipt No.\tCompletion Time\tDetails\tTransaction Status\tPaid In\tWithdrawn\tBalance\tA/C No.\nUJ22T8IYOU\t02-10-2026 15:45:00\t\"Pay Bill, from X Acc. İREF\"\tCompleted\t50\t\t50\t\n",
];
